"""Tests of kit/broker."""
