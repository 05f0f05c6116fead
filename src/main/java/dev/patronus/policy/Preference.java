package dev.patronus.policy;

/// How a policy wants its path chosen, or a text that cannot be read.
public sealed interface Preference permits PathPreference, Unreadable {
  /// Reads `path_preference`. Never throws: what is wrong with the text becomes its [Unreadable].
  static Preference read(String pathPreference) {
    return PreferenceReader.read(pathPreference);
  }
}
