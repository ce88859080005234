"""WeChat Pay, API v3 of a direct merchant: native, JSAPI, H5 and app payments, refunds, notices, bills."""
