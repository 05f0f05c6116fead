/// File and environment become one [Settings] record; complaints carry file and line.
///
/// In: `/etc/patronus/patronus.conf`, `PATRONUS_*` variables. Out: settings, with defaults filled
/// in. Never knows: what a setting is used for, which flags there are.
package dev.patronus.config;
