"""Alipay, OpenAPI v2 and v3: page, wap, app and QR payments, query, close, refunds, bills, notices.

`calls` say what is asked, `wire` and `rest` are the two dialects of asking it, `gateway` chooses between them by the
account; one module for each operation translates what comes back.
"""
