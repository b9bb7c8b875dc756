"""Load generators and what they measured. Figures are ratios within one run: machines are noisy."""
