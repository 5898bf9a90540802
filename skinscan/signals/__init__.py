"""Early warning over many verdicts: which product, batch, brand, streamer or ingredient does harm more
often."""
