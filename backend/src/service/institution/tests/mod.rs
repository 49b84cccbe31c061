mod state;
mod users;
