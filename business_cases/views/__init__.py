"""Pages of Business Requests, and of revising estimates and cases."""
