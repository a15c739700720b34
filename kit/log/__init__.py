"""What everybody who follows the log needs: rows, chain, lineage, source, wake, lease, cursor, leader."""
