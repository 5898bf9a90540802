"""What a verdict gives besides its outcome: a care plan, a remedy, other products."""
