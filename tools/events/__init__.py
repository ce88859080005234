"""The events of `events/`: one file a case, and beside it what must come of it.

They are written here once, as data, so that every one of them is complete and signed as AWS and the channels send it:
`python -m tools.events` writes the files, the tests run them in process, `make invoke` and `sam local invoke` run the
very same files against a running sandbox. Orders are those that `tools.seed` makes, under fixed numbers.
"""
