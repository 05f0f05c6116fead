package dev.patronus.testing;

import dev.patronus.flow.Volume;

/// Adds up volumes.
public final class Volumes {
  private Volumes() {}

  public static Volume sum(Volume a, Volume b) {
    return new Volume(Math.addExact(a.packets(), b.packets()), Math.addExact(a.bytes(), b.bytes()));
  }
}
