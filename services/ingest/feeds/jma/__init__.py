"""Disaster information of the Japan Meteorological Agency, 気象庁防災情報XML."""
