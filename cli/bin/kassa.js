#!/usr/bin/env node
import "../src/kassa.ts";
