"""The dashboard: one HTML file that shows the published marts without a network."""
