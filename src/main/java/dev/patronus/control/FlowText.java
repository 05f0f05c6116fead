package dev.patronus.control;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.json.Json;

/// A flow's key as JSON.
final class FlowText {
  private FlowText() {}

  static Json.Obj json(FlowKey key) {
    return put(Json.object(), key).build();
  }

  static Json.Builder put(Json.Builder json, FlowKey key) {
    return json.put("src_ip", key.src().toString())
        .put("src_port", key.srcPort())
        .put("dst_ip", key.dst().toString())
        .put("dst_port", key.dstPort())
        .put("protocol", key.protocol());
  }

  static FlowKey key(Json.Obj json) {
    return FlowKey.of(
        IpAddress.parse(json.text("src_ip")),
        Math.toIntExact(json.integer("src_port")),
        IpAddress.parse(json.text("dst_ip")),
        Math.toIntExact(json.integer("dst_port")),
        Math.toIntExact(json.integer("protocol")));
  }
}
