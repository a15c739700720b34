"""Tests of kit/http/edge."""
