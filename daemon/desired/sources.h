#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Reading `sources:` of the settings. */

#include "desired/reader.h"
#include "model/settings.h"

/* Fills settings->sources with all that could be read; what could not is reported. */
void read_sources(Reader *reader, const Node *raw, const KeyPath *path, Settings *settings);
