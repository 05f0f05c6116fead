/// The configuration file and the environment as one [Settings] record; errors carry file and line.
///
/// In: `/etc/patronus/patronus.conf` and `PATRONUS_*` variables. Out: settings with defaults filled
/// in. Never knows: what a setting is used for, which options the command line has.
@NullMarked
package dev.patronus.config;

import org.jspecify.annotations.NullMarked;
