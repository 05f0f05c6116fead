package dev.patronus.torture;

/// What a daemon's counters may show, in packets of all policies together: what it had counted for
/// sure, and what it was sent at most. A reset whose answer never came may have happened or not.
///
/// Immutable.
///
/// @param least what the daemon has shown since the last reset, and may not lose
/// @param most what was sent since the last reset
/// @param unsure whether a reset was asked for whose answer has not come
/// @param mostAfter what the counters show at most if that reset has happened
/// @param resets how many resets were acknowledged
record Bounds(long least, long most, boolean unsure, long mostAfter, int resets) {
  static final Bounds START = new Bounds(0, 0, false, 0, 0);

  /// Before so many packets are sent.
  Bounds sending(long packets) {
    return new Bounds(least, most + packets, unsure, mostAfter + packets, resets);
  }

  /// After the daemon has shown so many.
  Bounds shown(long packets) {
    return new Bounds(Math.max(least, packets), most, unsure, mostAfter, resets);
  }

  /// Before a reset is asked for, while nothing is sent.
  ///
  /// @param counted what the daemon shows; what it was sent besides may still come
  Bounds resetting(long counted) {
    return new Bounds(least, most, true, most - counted, resets);
  }

  /// After a reset was acknowledged.
  Bounds reset() {
    return new Bounds(0, mostAfter, false, 0, resets + 1);
  }

  /// After a reset was refused: nothing may have happened, and nothing may happen later.
  Bounds notReset() {
    return new Bounds(least, most, false, 0, resets);
  }

  /// After a new start, which has found so many: what the kernel held for the old one is gone.
  Bounds found(long packets, int resetsFound) {
    return new Bounds(packets, packets, false, 0, resetsFound);
  }

  /// Whether the counters may be so, with so many resets in the audit trail.
  boolean allow(long packets, long resetsAudited) {
    boolean asBefore = packets >= least && packets <= most && resetsAudited >= resets;
    boolean asAfter = unsure && packets <= mostAfter && resetsAudited > resets;
    return asBefore || asAfter;
  }

  String text() {
    return least + " " + most + " " + unsure + " " + mostAfter + " " + resets;
  }

  static Bounds parse(String text) {
    String[] words = text.split(" ", -1);
    return new Bounds(
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        Boolean.parseBoolean(words[2]),
        Long.parseLong(words[3]),
        Integer.parseInt(words[4]));
  }
}
