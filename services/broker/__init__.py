"""The context broker: NGSI-LD and NGSIv2 on the same entities."""
