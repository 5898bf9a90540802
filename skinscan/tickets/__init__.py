"""A verdict in the field shapes of ticket systems, as plain dictionaries: nothing is sent from here."""

from skinscan.tickets.fields import SYSTEMS, System, ticket_fields

__all__ = ["SYSTEMS", "System", "ticket_fields"]
