"""The policy: one YAML file, its checks and its tables."""
