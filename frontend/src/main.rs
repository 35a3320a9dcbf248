//! The Baishe app for the staff.

fn main() {
    baishe_frontend::run();
}
