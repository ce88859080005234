"""Orders, payments, refunds and time: the rules, with the standard library alone."""
