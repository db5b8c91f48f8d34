"""From operations to energy: measured chips, the price of a MAC, the energy of a decision."""
