"""What the Lambda entry points share: events in, answers and problem documents out."""
