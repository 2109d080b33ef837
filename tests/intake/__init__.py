"""The intake: walking, reading, answering, weighing."""
