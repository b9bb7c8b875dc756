"""The demo: open data of Takamatsu as entities, river gauges of Fukui through MQTT, a receiver of alerts."""
