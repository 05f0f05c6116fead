package dev.patronus.alert;

/// A measured value, or why there is none.
///
/// Immutable.
public sealed interface Measured {

  /// A value in the unit of its subject.
  record Known(double value) implements Measured {}

  /// No value.
  ///
  /// @param why the reason: `there is no policy 'voice'`
  record Unknown(String why) implements Measured {}

  static Measured of(double value) {
    return new Known(value);
  }

  static Measured unknown(String why) {
    return new Unknown(why);
  }
}
