//! The vocabulary of the generated messages.

/// What is traded.
pub const PRODUCTS: [&str; 12] = [
    "BTC-USD",
    "ETH-USD",
    "SOL-EUR",
    "ADA-USDT",
    "DOGE-USD",
    "XRP-EUR",
    "LTC-BTC",
    "DOT-USD",
    "AVAX-USDT",
    "LINK-EUR",
    "ATOM-USD",
    "UNI-GBP",
];

/// Names in the state of an application.
pub const FIELDS: [&str; 16] = [
    "position",
    "velocity",
    "inventory",
    "health",
    "lastSeen",
    "displayName",
    "team",
    "status",
    "score",
    "items",
    "permissions",
    "cursor",
    "selection",
    "revision",
    "owner",
    "flags",
];

/// Plain English for values.
pub const WORDS: [&str; 20] = [
    "active", "waiting", "north", "harbour", "silver", "editor", "viewer", "pending", "closed", "forest",
    "signal", "window", "archive", "market", "orange", "player", "summer", "ready", "blocked", "remote",
];
