package dev.patronus.policy.rule;

/// How a policy wants its path chosen, or a text that cannot be read.
public sealed interface Preference permits PathPreference, Invalid {
  /// Reads `path_preference`. Never throws: what is wrong with the text becomes its [Invalid].
  static Preference read(String pathPreference) {
    return PreferenceReader.read(pathPreference);
  }
}
