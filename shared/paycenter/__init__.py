"""Everything first-party of the payment centre that is not a channel."""
