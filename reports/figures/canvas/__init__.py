"""What figures are made with: text measured and placed, axes in the house's look, files."""
