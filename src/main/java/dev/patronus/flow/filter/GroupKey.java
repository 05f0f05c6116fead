package dev.patronus.flow.filter;

import java.util.Locale;

/// A part of a flow by which flows are grouped.
public enum GroupKey {
  SRC,
  DST,
  SPORT,
  DPORT,
  PROTO,
  POLICY,
  PATH,
  EXPORTER;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
