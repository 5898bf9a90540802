"""How a reaction is weighed: chronology, causality, severity, alternatives."""
