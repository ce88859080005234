"""WeChat Pay against its SDKs."""
