"""Reading a city's list of its open data (open_data_list.csv), with the defects that such files really have."""
