package dev.patronus.policy.rule;

import dev.patronus.flow.IpPrefix;

/// Conditions as a line of words: `udp from 10.0.0.0/8 to port 5060-5061 VoIP`.
final class RulesText {
  private final StringBuilder text = new StringBuilder();

  private RulesText() {}

  static String of(MatchRules rules) {
    RulesText words = new RulesText();
    rules.protocol().ifPresent(protocol -> words.add(ProtocolName.of(protocol)));
    words.end("from", rules.src().map(RulesText::block).orElse(""), sourcePort(rules));
    words.end(
        "to",
        rules.dst().map(RulesText::block).orElse(""),
        rules.dstPorts().map(PortRange::toString).orElse(""));
    rules.application().ifPresent(application -> words.add(application.toString()));
    return words.text.isEmpty() ? "all traffic" : words.text.toString();
  }

  private static String sourcePort(MatchRules rules) {
    return rules.srcPort().isPresent() ? Integer.toString(rules.srcPort().getAsInt()) : "";
  }

  private static String block(IpPrefix block) {
    return block.bits() == 128 ? block.first().toString() : block.toString();
  }

  private void end(String direction, String block, String ports) {
    if (block.isEmpty() && ports.isEmpty()) {
      return;
    }
    add(direction);
    if (!block.isEmpty()) {
      add(block);
    }
    if (!ports.isEmpty()) {
      add("port " + ports);
    }
  }

  private void add(String word) {
    text.append(text.isEmpty() ? "" : " ").append(word);
  }
}
