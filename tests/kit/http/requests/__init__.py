"""Tests of kit/http/requests."""
