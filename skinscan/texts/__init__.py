"""Every sentence and name in Chinese and English, and the strict YAML reader."""
