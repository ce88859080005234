"""Alipay against its SDKs."""
