"""A small ticket service on top of skinscan: open a case, add photos, answer, decide. See docs/service.md."""
