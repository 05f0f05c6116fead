package dev.patronus.policy.rule;

/// A condition that a policy's rules may set, under the database's name for it.
public enum RuleField {
  SRC_IP("src_ip"),
  DST_IP("dst_ip"),
  SRC_PORT("src_port"),
  DST_PORT_RANGE("dst_port_range"),
  PROTOCOL("protocol"),
  APPLICATION_CLASS("application_class");

  private final String text;

  RuleField(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
