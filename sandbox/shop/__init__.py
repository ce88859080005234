"""A demo shop with two business lines and an inbox: PayCenter's customers, seen from their side.

Nothing here may import product code; the shop knows PayCenter by its HTTP interface and the published webhook
standard alone.
"""
