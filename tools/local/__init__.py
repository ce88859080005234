"""`make local-invoke`: every function with every event, in containers as Lambda would run it."""
