use rust_calc::{Error, calc};

#[test]
fn products_bind_tighter_than_sums() {
    assert_eq!(calc("2 + 3 * 4"), Ok(14.0));
    assert_eq!(calc("2 * 3 + 4"), Ok(10.0));
}

#[test]
fn brackets_come_first() {
    assert_eq!(calc("(2 + 3) * 4"), Ok(20.0));
    assert_eq!(calc("((1))"), Ok(1.0));
}

#[test]
fn subtraction_goes_from_left_to_right() {
    assert_eq!(calc("10 - 4 - 3"), Ok(3.0));
    assert_eq!(calc("1 - 2 + 3"), Ok(2.0));
}

#[test]
fn division_goes_from_left_to_right() {
    assert_eq!(calc("100 / 5 / 2"), Ok(10.0));
}

#[test]
fn a_minus_before_a_number_negates_it() {
    assert_eq!(calc("-3 + 5"), Ok(2.0));
    assert_eq!(calc("2 * -4"), Ok(-8.0));
}

#[test]
fn mistakes_are_told() {
    assert_eq!(calc("1 / 0"), Err(Error::DivisionByZero));
    assert_eq!(calc("(1 + 2"), Err(Error::Unfinished));
    assert_eq!(calc("1 2"), Err(Error::Trailing));
    assert_eq!(calc("* 2"), Err(Error::Unexpected('*')));
    assert_eq!(calc(""), Err(Error::Unfinished));
}
