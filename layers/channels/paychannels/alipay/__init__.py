"""Alipay, OpenAPI gateway v2 (form parameters, RSA2): page, wap and QR payments, query, close, notices."""
