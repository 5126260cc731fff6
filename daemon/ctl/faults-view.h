#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* Faults for people: a line each on standard error; at a terminal with the line of the file below
 * it, and a mark under what is meant. */

#include "model/fault.h"

/* Notes too where `notes` says so. NULL has none. */
void faults_print(Faults *faults, bool notes);
