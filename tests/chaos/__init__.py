"""What is broken on purpose, and what became of it, in figures: `make chaos`, docs/chaos.md."""
