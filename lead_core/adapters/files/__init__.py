"""Files of leads: what the marketplace, Azure and spreadsheets make of them."""
