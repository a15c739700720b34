"""Lists of what is published of a kind: filters, sorts, and pages that go on after the last item seen."""
