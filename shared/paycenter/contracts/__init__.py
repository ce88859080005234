"""The shapes that cross a border: HTTP bodies, queue messages, configuration files, errors."""
